import { createRequire } from 'node:module'
import { FaceSdk } from '@regulaforensics/facesdk-webclient'
import { checkAnswer } from '@semblance/testkit'

type Axios = ConstructorParameters<typeof FaceSdk>[2] & {}

// The copy that the client itself would take.
const clientsOwn = createRequire(import.meta.resolve('@regulaforensics/facesdk-webclient'))
const axios = clientsOwn('axios') as { create(): Axios }

export interface OfficialSdk {
  readonly sdk: FaceSdk
  /** `METHOD template status` of the answers so far that the public description knows. */
  readonly described: ReadonlySet<string>
}

/** The official client as it is published; every answer that it gets is compared with the public description. */
export function openOfficialSdk(server: { readonly url: string }): OfficialSdk {
  const http = axios.create()
  const described = new Set<string>()
  const check = (answer: { readonly config: object; readonly status: number; readonly data: unknown }) => {
    const { url, method } = answer.config as { readonly url: string; readonly method: string }
    const path = new URL(url).pathname
    const known = checkAnswer({
      method: method.toUpperCase(),
      path,
      status: answer.status,
      json: answer.data,
    })
    if (known !== null) described.add(known)
  }
  http.interceptors.response.use(
    (answer) => {
      check(answer)
      return answer
    },
    (error) => {
      if (error.response !== undefined) check(error.response)
      throw error
    },
  )
  return { sdk: new FaceSdk(undefined, server.url, http), described }
}
