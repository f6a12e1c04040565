import type { GateLevel } from '@semblance/core'
import { API_DEFAULTS, type ApiConfig } from '../api-deps.ts'

/** The variables that the API is governed by, as any app's configuration holds them. */
export interface ApiSettings {
  readonly SEMBLANCE_HOST: string
  readonly SEMBLANCE_PUBLIC_URL?: string | undefined
  readonly SEMBLANCE_API_KEYS?: readonly string[] | undefined
  readonly SEMBLANCE_DESCRIPTOR_KEYS?: readonly string[] | undefined
  readonly SEMBLANCE_API_KEY_NAMES: readonly string[]
  readonly SEMBLANCE_CORS_ORIGINS: readonly string[]
  readonly SEMBLANCE_CONSOLE: string
  readonly SEMBLANCE_ALLOWED_HOSTS: readonly string[]
  readonly SEMBLANCE_MAX_BODY_BYTES: number
  readonly SEMBLANCE_MAX_BODIES_BYTES: number
  readonly SEMBLANCE_THUMBNAIL_BYTES: number
  readonly SEMBLANCE_THRESHOLD: number
  readonly SEMBLANCE_TARGET_FPIR?: number | undefined
  readonly SEMBLANCE_ENROLLMENT_QUALITY: GateLevel
  readonly SEMBLANCE_MATCH_IMAGES_PER_TYPE: number
  readonly SEMBLANCE_SEARCH_DEADLINE_MS: number
  readonly SEMBLANCE_ENROLL_DEADLINE_MS: number
}

/** In place of a folder: no console is served. */
const NO_CONSOLE = 'off'

/** Null: no console is served. */
export function consoleFolderOf({
  SEMBLANCE_CONSOLE: folder,
}: Pick<ApiSettings, 'SEMBLANCE_CONSOLE'>): string | null {
  return folder === NO_CONSOLE ? null : folder
}

export function apiConfigOf(settings: ApiSettings, version: string): ApiConfig {
  return {
    ...API_DEFAULTS,
    version,
    publicUrl: settings.SEMBLANCE_PUBLIC_URL ?? null,
    apiKeys: apiKeysOf(settings),
    apiKeyNames: settings.SEMBLANCE_API_KEY_NAMES,
    descriptorKeys: settings.SEMBLANCE_DESCRIPTOR_KEYS ?? [],
    corsOrigins: settings.SEMBLANCE_CORS_ORIGINS,
    consoleFolder: consoleFolderOf(settings),
    allowedHosts: settings.SEMBLANCE_ALLOWED_HOSTS,
    isLoopback: isLoopback(settings.SEMBLANCE_HOST),
    maxBodyBytes: settings.SEMBLANCE_MAX_BODY_BYTES,
    maxBodiesBytes: Math.max(settings.SEMBLANCE_MAX_BODIES_BYTES, settings.SEMBLANCE_MAX_BODY_BYTES),
    thumbnailBytes: settings.SEMBLANCE_THUMBNAIL_BYTES,
    defaultThreshold: settings.SEMBLANCE_THRESHOLD,
    targetFpir: settings.SEMBLANCE_TARGET_FPIR ?? null,
    enrollmentQuality: settings.SEMBLANCE_ENROLLMENT_QUALITY,
    matchImagesPerType: settings.SEMBLANCE_MATCH_IMAGES_PER_TYPE,
    searchDeadlineMs: settings.SEMBLANCE_SEARCH_DEADLINE_MS,
    enrollDeadlineMs: settings.SEMBLANCE_ENROLL_DEADLINE_MS,
  }
}

/** Every key that is accepted; none: the API is open. */
export function apiKeysOf(
  settings: Pick<ApiSettings, 'SEMBLANCE_API_KEYS' | 'SEMBLANCE_DESCRIPTOR_KEYS'>,
): readonly string[] {
  return [...(settings.SEMBLANCE_API_KEYS ?? []), ...(settings.SEMBLANCE_DESCRIPTOR_KEYS ?? [])]
}

/** How long a caller waits at most for a job, in seconds, by lane. Nobody waits for a job of the bulk lane. */
export function deadlinesOf(
  settings: Pick<ApiSettings, 'SEMBLANCE_SEARCH_DEADLINE_MS' | 'SEMBLANCE_ENROLL_DEADLINE_MS'>,
): { readonly search: number; readonly enroll: number } {
  return {
    search: settings.SEMBLANCE_SEARCH_DEADLINE_MS / 1000,
    enroll: settings.SEMBLANCE_ENROLL_DEADLINE_MS / 1000,
  }
}

/** The time beyond the longest deadline until the answer is there, and the picture dropped, on a slow day. */
const PICTURE_GRACE_MS = 90_000

/** How long a picture is kept in flight at most, should nobody drop it. */
export function pictureLifetimeMs(
  settings: Pick<ApiSettings, 'SEMBLANCE_SEARCH_DEADLINE_MS' | 'SEMBLANCE_ENROLL_DEADLINE_MS'>,
): number {
  const { SEMBLANCE_SEARCH_DEADLINE_MS, SEMBLANCE_ENROLL_DEADLINE_MS } = settings
  return PICTURE_GRACE_MS + Math.max(SEMBLANCE_SEARCH_DEADLINE_MS, SEMBLANCE_ENROLL_DEADLINE_MS)
}

/** Bound to this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** The URL by which a person on this machine reaches a server bound to that host. */
export function reachableUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
