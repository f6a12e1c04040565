export { makeFolders } from './make-folders.ts'
export { syncFolder } from './sync-folder.ts'
export { writeAside } from './write-aside.ts'
export { writeSynced } from './write-synced.ts'
