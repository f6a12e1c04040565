export { createImageLinks, type ImageLinksOptions } from './image-links.ts'
export { createLinkStreams, type LinkStreamsOptions } from './link-streams.ts'
export type { LookupHost } from './lookup-host.ts'
export { createObjectListing, type ObjectListingOptions } from './object-listing.ts'
