/** What a look at everything stored can find amiss. */
export type FindingKind = keyof typeof WHAT_TO_DO

export interface Finding {
  readonly finding: FindingKind
  /** The id of the record or picture; null where the finding is about a store as a whole. */
  readonly id: string | null
  /** The file, object or document of a picture, as an operator finds it; null for what is none. */
  readonly place: string | null
  /** The finding in words, without names, pictures or descriptors. */
  readonly why: string
}

/** What an operator can do about each kind of finding. */
export const WHAT_TO_DO = {
  'database-damaged': 'look at the disk, stop the server, and restore semblance.sqlite from a backup',
  'counts-wrong':
    'start the server, or start it anew: it counts again beside each start; look at the disk, since a bad one may have done it',
  'person-unreadable':
    'the server passes over this person; restore the database, or delete the person by this id (DELETE /api/persons/{id})',
  'image-unreadable':
    'the server passes over this image; restore the database, or delete the image and enroll its picture anew',
  'group-unreadable':
    'the server passes over this group; restore the database, or put this record right by hand',
  'reply-unreadable': 'nothing: it is forgotten 24 hours after it was written',
  'import-unreadable':
    'the server passes over this import; restore the database, or delete the import by this id (semblance imports delete ID) and import again',
  'import-row-unreadable':
    'the row is told as failed, by its import and its position; restore the database, or send the row again under another key',
  'descriptor-unusable':
    'the server passes over this image; enroll its picture anew, or set SEMBLANCE_PACK to the pack it was made with',
  'image-of-nobody': 'nobody finds this image; restore the database that knows its person',
  'picture-missing':
    'restore this file from a backup of the pictures, or delete the image; searches find its person meanwhile',
  'picture-damaged':
    'it is not served; look at the disk, restore this file from a backup of the pictures, or delete the image and enroll it anew',
  'staged-picture-missing':
    'restore this file from a backup before its row of an import is begun; else the row fails, and its photo is to be imported anew',
  'staged-picture-damaged':
    'look at the disk, and restore this file from a backup before its row of an import is begun; else import its photo anew',
  'picture-without-record':
    'restore the database that knows it; else it is set aside (standalone: at the next start; cluster: index verify --repair) and erased in time',
  'picture-of-deleted': 'it is erased at the next start (standalone) or by index verify --repair (cluster)',
  'index-differs': 'semblance index verify --repair',
  'store-unreachable': 'see that the store is there and can be read, and verify again',
} as const
