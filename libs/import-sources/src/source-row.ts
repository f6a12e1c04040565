/** Whom a row is about, as in `RowPerson` of core; nothing of it is checked but that it is text. */
export type SourcePerson =
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'externalId'; readonly externalId: string }
  /** Somebody of this import only: rows that give the same key mean the same person. */
  | { readonly by: 'key'; readonly key: string }

export type SourcePicture =
  | { readonly bytes: Uint8Array }
  | { readonly link: string }
  /** The path of a file beside the manifest. Archives and folders put its bytes here; nobody else gets to see it. */
  | { readonly file: string }

/** One row as its source has it. Fields that are left out are not there. */
export interface SourceRow {
  readonly kind: 'row'
  /** Unique where its source keeps to the rules; that it is unique is for the import to see. */
  readonly key: string
  /** From 1: the row of a CSV (its header is row 1), the line of NDJSON, the entry of an archive, the file of a folder. */
  readonly position: number
  readonly person: SourcePerson
  readonly name?: string
  /** A JSON object as text on one line, its numbers as they stood. */
  readonly metadata?: string
  readonly groups?: readonly string[]
  /** As it stood; the import reads it. */
  readonly expireAt?: string
  readonly picture?: SourcePicture
  /** What an export says of the records that the row brings back, as it stood there; the import checks it. */
  readonly restore?: object
}

/** One row that is wrong as it stands; those after it are read all the same. */
export interface SourceProblem {
  readonly kind: 'problem'
  /** The row's key; if that is not known, what tells the row from others (`row-17`). */
  readonly key: string
  readonly position: number
  /** Whom the row is about, where that is known: what is kept of the row goes when they are deleted. */
  readonly person?: SourcePerson
  /** As it is named in the source; the unit itself (`row`, `line`, `entry`) where the whole of it is wrong. */
  readonly field: string
  /** Words that follow the field's name. Never a value: that may be a name or a picture. */
  readonly message: string
  /** Lower-case hex over the row as it stood: tells wrong rows of one key apart. Left out where nothing is known of it. */
  readonly contents?: string
}

/** Something about the source as a whole that its owner should know; told once. */
export interface SourceNote {
  readonly kind: 'note'
  readonly message: string
  /** The same without names of files, which may be those of persons: for who keeps it. Left out: the message has none. */
  readonly lasting?: string
}

export type SourceItem = SourceRow | SourceProblem | SourceNote
