// The health check of the images: `is-ready.mjs APP` ends with 0 if the server in this container says that it is ready.
const [app] = process.argv.slice(2)
const { SEMBLANCE_OPS_PORT, SEMBLANCE_PORT } = process.env
const address =
  app === 'standalone' ? `${SEMBLANCE_PORT || 41101}/api/readyz` : `${SEMBLANCE_OPS_PORT || 9090}/readyz`
const WITHIN_MS = 4_000

const answer = await fetch(`http://127.0.0.1:${address}`, { signal: AbortSignal.timeout(WITHIN_MS) }).catch(
  (error) => ({ ok: false, status: error.cause?.code ?? error.name }),
)
if (!answer.ok) console.error(`not ready: ${answer.status}`)
process.exitCode = answer.ok ? 0 : 1
