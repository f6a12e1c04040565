/** See installed-packages.mjs. */
export function hasPackages(root: string): boolean
