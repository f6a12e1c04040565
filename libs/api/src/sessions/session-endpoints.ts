import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint, type RequestContext } from '../endpoint/endpoint.ts'
import { noContent, ok, type Reply, refuse } from '../endpoint/reply.ts'
import { isApiKey, keyIdOf, keyNameOf } from '../middleware/api-keys.ts'
import { noCookie, type OpenSession, type Sessions } from './sessions.ts'
import { SignInThrottle } from './sign-in-throttle.ts'

const PATH = '/api/session'

const sessionView = z
  .object({
    signedIn: z.boolean(),
    keysAreSet: z.boolean().meta({ description: 'Where none are, everybody may call, and nobody signs in.' }),
    keyName: z.string().nullable().meta({
      description: 'What the settings call the key, or 16 digits of its hash: it gives no key away.',
    }),
    rights: z.array(z.enum(['read', 'write', 'descriptors'])),
    writeToken: z.string().nullable().meta({
      description: 'For the header X-Semblance-Write-Token of every call under the cookie that is not a GET.',
    }),
    expiresAt: z.string().nullable().meta({
      format: 'date-time',
      description: 'Half an hour after the last use, and twelve hours after the sign-in at the latest.',
    }),
  })
  .meta({ id: 'Session' })

const signIn = z
  .object({ key: z.string().min(1).max(1_000).meta({ description: 'An API key.' }) })
  .meta({ id: 'SignInRequest' })

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a list of routes
export function sessionEndpoints({ config, clock }: ApiDeps, sessions: Sessions): readonly Endpoint[] {
  const throttle = new SignInThrottle(clock)
  const areKeysSet = config.apiKeys.length > 0
  const view = (session: OpenSession | null) => viewSession(config, session)
  return [
    endpoint({
      method: 'post',
      path: PATH,
      access: 'open',
      body: signIn,
      docs: {
        operationId: 'sign_in',
        tag: 'sessions',
        summary: 'Sign in with an API key',
        description:
          'Ours. For pages: the answer sets a cookie that stands for the key, and tells the token that writes have to bring. Programs send the key itself.',
        bodyExample: { key: 'YOUR_KEY' },
        answers: {
          200: { description: 'Signed in.', schema: sessionView },
          401: { description: 'That is no key.' },
          429: { description: 'Too many wrong keys from there; Retry-After tells when to come back.' },
        },
        problems: [400],
      },
      handle: async ({ body, context }) => {
        if (!areKeysSet) return ok(view(null))
        const wait = throttle.waitSeconds(context.peer)
        if (wait > 0) return tooMany(wait)
        if (!isApiKey(body.key, config)) {
          throttle.noteFailure(context.peer)
          return refuse('Unauthorized', 'that is no API key of this server')
        }
        const session = await sessions.begin(keyIdOf(body.key))
        return ok(view(session), { 'Set-Cookie': await sessions.cookieOf(session, context.isSecure) })
      },
    }),
    endpoint({
      method: 'get',
      path: PATH,
      access: 'open',
      docs: {
        operationId: 'get_session',
        tag: 'sessions',
        summary: 'Who is signed in',
        description: 'Ours. Tells it of the cookie of the request.',
        answers: { 200: { description: 'Signed in, or not.', schema: sessionView } },
        problems: [],
      },
      handle: async ({ context }) => ok(view(await sessions.read(context.sessionToken, context))),
    }),
    endpoint({
      method: 'delete',
      path: PATH,
      access: 'key',
      docs: {
        operationId: 'sign_out',
        tag: 'sessions',
        summary: 'Sign out',
        description: 'Ours. The session is over for good: a copy of its cookie is of no use, on any gateway.',
        answers: { 204: { description: 'Signed out.' } },
        problems: [],
      },
      handle: ({ context }) => signOut(sessions, context),
    }),
  ]
}

async function signOut(sessions: Sessions, context: RequestContext): Promise<Reply> {
  const session = await sessions.read(context.sessionToken, context)
  if (session !== null) await sessions.end(session, context)
  return { ...noContent, headers: { 'Set-Cookie': noCookie(context.isSecure) } }
}

function tooMany(seconds: number): Reply {
  const reply = refuse('TooManyAttempts', 'too many wrong keys were sent from there; try again later')
  return { ...reply, headers: { 'Retry-After': String(seconds) } }
}

function viewSession(config: ApiDeps['config'], session: OpenSession | null): z.infer<typeof sessionView> {
  const keysAreSet = config.apiKeys.length > 0
  if (session === null) {
    const rights = keysAreSet ? [] : (['read', 'write', 'descriptors'] as const)
    return {
      signedIn: !keysAreSet,
      keysAreSet,
      keyName: null,
      rights: [...rights],
      writeToken: null,
      expiresAt: null,
    }
  }
  const mayHaveDescriptors = config.descriptorKeys.some((key) => keyIdOf(key) === session.keyId)
  return {
    signedIn: true,
    keysAreSet,
    keyName: keyNameOf(session.keyId, config),
    rights: ['read', 'write', ...(mayHaveDescriptors ? (['descriptors'] as const) : [])],
    writeToken: session.writeToken,
    expiresAt: new Date(session.expiresAt).toISOString(),
  }
}
