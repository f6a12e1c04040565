/**
 * What makes small pictures, by name and version; a test compares it with the engine's package. It is part of their ETag, so
 * that a browser asks for the bytes anew when another encoder makes others. A gateway has no decoder whose version it could
 * ask.
 */
export const THUMBNAIL_MAKER = 'sharp-0.35.5'
