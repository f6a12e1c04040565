import { setTimeout as sleep } from 'node:timers/promises'
import { imageName, kubectl } from './kubectl.ts'
import type { Release } from './release.ts'

/**
 * SIGKILL for all processes of a pod's container, by a pod that sees those of the node: a container's first process cannot be
 * killed from within. Resolves once Kubernetes has seen it.
 */
export async function killContainer(release: Release, pod: string): Promise<void> {
  const path = `/api/v1/namespaces/${release.namespace}/pods/${pod}`
  const [{ containerID }] = (await release.server.ask(path)).status.containerStatuses
  const id = String(containerID).replace(/^.*\/\//, '')
  const namespace = `${release.namespace}-killer`
  kubectl(['create', 'namespace', namespace])
  try {
    const name = 'killer'
    kubectl(['-n', namespace, 'create', '-f', '-'], JSON.stringify(killer(name, id)))
    const done = '--for=jsonpath={.status.phase}=Succeeded'
    kubectl(['-n', namespace, 'wait', done, 'pod', name, '--timeout=60s'])
  } finally {
    kubectl(['delete', 'namespace', namespace, '--wait=false'])
  }
  for (;;) {
    const [status] = (await release.server.ask(path)).status.containerStatuses
    if (status.restartCount > 0) return
    await sleep(200)
  }
}

function killer(name: string, containerId: string) {
  const script = `kill -9 $(grep -l ${containerId} /proc/[0-9]*/cgroup | cut -d/ -f3)`
  const container = {
    name,
    image: `${imageName}:stores`,
    imagePullPolicy: 'IfNotPresent',
    command: ['bash', '-c', script],
    securityContext: { runAsUser: 0 },
  }
  const spec = { hostPID: true, restartPolicy: 'Never', containers: [container] }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }
}
