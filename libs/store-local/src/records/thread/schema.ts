import {
  blankedImport,
  comparedName,
  faultOfMetadata,
  type ImportSource,
  jsonOrNothing,
  metadataTerms,
  withoutUser,
} from '@semblance/core'
import type { Database } from 'better-sqlite3'

/** "SEMB" in the database header: tells our file from any other SQLite file. */
export const APPLICATION_ID = 0x53454d42

/**
 * `persons.groupIds` is what was written, as a JSON array; `members` repeats it with the two columns that decide
 * visibility, so that a page of a group and its count are one range of one index. No foreign keys: each write
 * touches one record, and tombstones of images outlive their person.
 */
const FIRST = `
  CREATE TABLE persons (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    externalId TEXT,
    groupIds TEXT NOT NULL,
    expireAt INTEGER,
    createdAt INTEGER NOT NULL,
    updatedAt INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    state TEXT NOT NULL,
    dirty INTEGER NOT NULL,
    touchedAt INTEGER NOT NULL,
    metadata TEXT NOT NULL
  ) STRICT;
  CREATE INDEX persons_live ON persons (id, expireAt) WHERE state = 'live';
  CREATE INDEX persons_unsettled ON persons (state, touchedAt, id) WHERE state <> 'live';
  CREATE INDEX persons_dirty ON persons (touchedAt, id) WHERE dirty = 1;
  CREATE INDEX persons_expiring ON persons (expireAt, id) WHERE expireAt IS NOT NULL;

  CREATE TABLE members (
    groupId TEXT NOT NULL,
    personId TEXT NOT NULL,
    live INTEGER NOT NULL,
    expireAt INTEGER,
    PRIMARY KEY (groupId, personId)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX members_by_person ON members (personId);

  CREATE TABLE packs (id INTEGER NOT NULL PRIMARY KEY, packId TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE images (
    id TEXT NOT NULL PRIMARY KEY,
    personId TEXT NOT NULL,
    state TEXT NOT NULL,
    contentType TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    touchedAt INTEGER NOT NULL,
    pack INTEGER NOT NULL,
    descriptor BLOB NOT NULL
  ) STRICT;
  CREATE INDEX images_of_person ON images (personId, state, id);
  CREATE INDEX images_unsettled ON images (state, touchedAt, id) WHERE state <> 'ready';

  CREATE TABLE galleryGroups (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    metadata TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    state TEXT NOT NULL,
    touchedAt INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX groups_live ON galleryGroups (id) WHERE state = 'live';
  CREATE INDEX groups_unsettled ON galleryGroups (state, touchedAt, id) WHERE state <> 'live';

  CREATE TABLE settings (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`

/**
 * Answers under an Idempotency-Key, 24 h. The body comes last: it may be megabytes, and a row is read from its front.
 */
const SECOND = `
  CREATE TABLE replies (
    key TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    seed TEXT NOT NULL,
    seededAt INTEGER NOT NULL,
    holder TEXT,
    leaseUntil INTEGER NOT NULL,
    touchedAt INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    status INTEGER,
    headers TEXT NOT NULL DEFAULT '{}',
    contentType TEXT,
    encoding TEXT NOT NULL DEFAULT '',
    body BLOB
  ) STRICT;
  CREATE INDEX replies_by_age ON replies (touchedAt);
  CREATE INDEX replies_held ON replies (leaseUntil) WHERE holder IS NOT NULL;
`

/** Indexes for lists by name, external id and metadata. `metadataTerms` repeats `persons.metadata`, cut into terms. */
const THIRD = `
  CREATE INDEX persons_by_name ON persons (name, id, expireAt) WHERE state = 'live';
  CREATE INDEX persons_by_external_id ON persons (externalId, id, expireAt) WHERE state = 'live';
  CREATE TABLE metadataTerms (
    term TEXT NOT NULL,
    personId TEXT NOT NULL,
    PRIMARY KEY (term, personId)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX metadata_terms_by_person ON metadataTerms (personId);
`

function addMetadataTerms(db: Database): void {
  db.exec(THIRD)
  const add = db.prepare('INSERT INTO metadataTerms VALUES (?, ?)')
  const page = db.prepare<[string], { readonly id: string; readonly metadata: string }>(
    "SELECT id, metadata FROM persons WHERE id > ? AND metadata <> '{}' ORDER BY id LIMIT 1000",
  )
  for (let persons = page.all(''); persons.length > 0; persons = page.all(persons.at(-1)?.id ?? '')) {
    for (const { id, metadata } of persons) {
      // One that cannot be read is passed over by every reader, too.
      if (faultOfMetadata(metadata) !== null) continue
      for (const term of metadataTerms(metadata)) add.run(term, id)
    }
  }
}

/** `name` is what names are compared by; `sentName` what was sent, where that is another text. */
function addSentNames(db: Database): void {
  db.exec('ALTER TABLE persons ADD COLUMN sentName TEXT')
  const change = db.prepare('UPDATE persons SET name = ?, sentName = name WHERE id = ?')
  const page = db.prepare<[string], { readonly id: string; readonly name: string }>(
    'SELECT id, name FROM persons WHERE id > ? ORDER BY id LIMIT 1000',
  )
  for (let persons = page.all(''); persons.length > 0; persons = page.all(persons.at(-1)?.id ?? '')) {
    for (const { id, name } of persons) if (comparedName(name) !== name) change.run(comparedName(name), id)
  }
}

/** How much is enrolled, kept up to date by every write: to count it would read every row. */
const COUNTED = `
  CREATE TABLE enrolled (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 0),
    persons INTEGER NOT NULL,
    images INTEGER NOT NULL,
    pictureBytes INTEGER NOT NULL
  ) STRICT;
  INSERT INTO enrolled SELECT 0, (SELECT count(*) FROM persons WHERE state = 'live'), count(*), coalesce(sum(bytes), 0)
    FROM images WHERE state = 'ready';
  CREATE TRIGGER person_enters AFTER INSERT ON persons WHEN new.state = 'live' BEGIN
    UPDATE enrolled SET persons = persons + 1 WHERE id = 0;
  END;
  CREATE TRIGGER person_moves AFTER UPDATE OF state ON persons WHEN (new.state = 'live') <> (old.state = 'live') BEGIN
    UPDATE enrolled SET persons = persons + (new.state = 'live') - (old.state = 'live') WHERE id = 0;
  END;
  CREATE TRIGGER person_leaves AFTER DELETE ON persons WHEN old.state = 'live' BEGIN
    UPDATE enrolled SET persons = persons - 1 WHERE id = 0;
  END;
  CREATE TRIGGER image_enters AFTER INSERT ON images WHEN new.state = 'ready' BEGIN
    UPDATE enrolled SET images = images + 1, pictureBytes = pictureBytes + new.bytes WHERE id = 0;
  END;
  CREATE TRIGGER image_moves AFTER UPDATE OF state, bytes ON images WHEN new.state = 'ready' OR old.state = 'ready' BEGIN
    UPDATE enrolled SET images = images + (new.state = 'ready') - (old.state = 'ready'),
      pictureBytes = pictureBytes + (new.state = 'ready') * new.bytes - (old.state = 'ready') * old.bytes
      WHERE id = 0;
  END;
  CREATE TRIGGER image_leaves AFTER DELETE ON images WHEN old.state = 'ready' BEGIN
    UPDATE enrolled SET images = images - 1, pictureBytes = pictureBytes - old.bytes WHERE id = 0;
  END;
`

/**
 * Imports. `fields` are those that a row writes to its person, as JSON; they go when the row has ended. A row waits or is
 * claimed while it has no `outcomeKind`.
 */
const IMPORTS = `
  CREATE TABLE imports (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    policies TEXT NOT NULL,
    groupIds TEXT NOT NULL,
    state TEXT NOT NULL,
    takesRows INTEGER NOT NULL,
    createdAt INTEGER NOT NULL,
    updatedAt INTEGER NOT NULL,
    endedAt INTEGER,
    rev INTEGER NOT NULL,
    nextPosition INTEGER NOT NULL DEFAULT 1
  ) STRICT;
  CREATE INDEX imports_by_state ON imports (state, id);

  CREATE TABLE importRows (
    importId TEXT NOT NULL,
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    personKey TEXT NOT NULL,
    fields TEXT NOT NULL,
    stagedId TEXT,
    stagedBytes INTEGER,
    link TEXT,
    digest TEXT NOT NULL,
    pictureSha256 TEXT,
    tries INTEGER NOT NULL,
    imageId TEXT,
    holder TEXT,
    leaseUntil INTEGER NOT NULL,
    addedAt INTEGER NOT NULL,
    outcomeKind TEXT,
    outcome TEXT,
    endedAt INTEGER,
    PRIMARY KEY (importId, position),
    UNIQUE (importId, key)
  ) STRICT;
  CREATE INDEX import_rows_unended ON importRows (importId, position, leaseUntil, addedAt) WHERE outcomeKind IS NULL;
  CREATE INDEX import_rows_ended ON importRows (importId, outcomeKind, position) WHERE outcomeKind IS NOT NULL;
  CREATE INDEX import_rows_staged ON importRows (importId, stagedBytes) WHERE stagedId IS NOT NULL;
  CREATE INDEX import_rows_by_staged_picture ON importRows (stagedId) WHERE stagedId IS NOT NULL;
  CREATE INDEX import_rows_of_person ON importRows (importId, personKey, pictureSha256, position);

  CREATE TABLE importPersons (
    importId TEXT NOT NULL,
    personKey TEXT NOT NULL,
    personId TEXT NOT NULL,
    isMade INTEGER NOT NULL,
    PRIMARY KEY (importId, personKey)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX import_persons_by_person ON importPersons (personId);
  CREATE INDEX import_persons_made ON importPersons (importId, personId) WHERE isMade = 1;
`

/** For lists by the time of the last change or of the making. */
const TIMES = `
  CREATE INDEX persons_by_created ON persons (createdAt, id, expireAt) WHERE state = 'live';
  CREATE INDEX persons_by_updated ON persons (updatedAt, id, expireAt) WHERE state = 'live';
`

/**
 * Long operations over the gallery, whom they still have to work on (a part is a JSON array of ids), and the pairs of persons
 * that they found.
 */
const OPERATIONS = `
  CREATE TABLE operations (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    parameters TEXT NOT NULL,
    state TEXT NOT NULL,
    cursor TEXT,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    isLimitReached INTEGER NOT NULL,
    failure TEXT,
    createdAt INTEGER NOT NULL,
    updatedAt INTEGER NOT NULL,
    endedAt INTEGER,
    rev INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX operations_by_state ON operations (state, id);
  CREATE TABLE operationTargets (
    operationId TEXT NOT NULL,
    position INTEGER NOT NULL,
    personIds TEXT NOT NULL,
    PRIMARY KEY (operationId, position)
  ) STRICT;
  CREATE TABLE duplicatePairs (
    operationId TEXT NOT NULL,
    personId TEXT NOT NULL,
    otherId TEXT NOT NULL,
    imageId TEXT NOT NULL,
    otherImageId TEXT NOT NULL,
    distance REAL NOT NULL,
    decision TEXT,
    PRIMARY KEY (operationId, personId, otherId)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX duplicate_pairs_by_distance ON duplicatePairs (operationId, distance, personId, otherId);
  CREATE INDEX duplicate_pairs_of_person ON duplicatePairs (personId);
  CREATE INDEX duplicate_pairs_of_other ON duplicatePairs (otherId);
`

/** How an import gets on: `heldUp` is JSON, and rows that were wrong as they were sent have no `tries`. */
const PROGRESS = `
  ALTER TABLE imports ADD COLUMN takenBytes INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE imports ADD COLUMN heldUp TEXT;
  CREATE INDEX import_rows_pace ON importRows (importId, endedAt) WHERE tries > 0 AND endedAt IS NOT NULL;
`

/** Into whom a person was merged, or is about to be. */
const MERGED = `
  ALTER TABLE persons ADD COLUMN mergedInto TEXT;
  CREATE INDEX persons_merged ON persons (mergedInto, state) WHERE mergedInto IS NOT NULL;
  CREATE INDEX persons_merging ON persons (touchedAt, id) WHERE mergedInto IS NOT NULL AND state IN ('live', 'merging');
`

/**
 * What packs made of images that they were not enrolled with; `descriptor` is empty, and `why` says the reason, where that is
 * nothing. They go with the image's own descriptor.
 */
const NOTES = `
  CREATE TABLE descriptorNotes (
    pack INTEGER NOT NULL,
    imageId TEXT NOT NULL,
    why TEXT,
    descriptor BLOB NOT NULL,
    UNIQUE (pack, imageId)
  ) STRICT;
  CREATE INDEX descriptor_notes_of_image ON descriptorNotes (imageId);
  CREATE INDEX descriptor_notes_undescribed ON descriptorNotes (pack, imageId) WHERE why IS NOT NULL;
`

/** What was said of candidates of searches. */
const FEEDBACK = `
  CREATE TABLE feedback (
    id TEXT NOT NULL PRIMARY KEY,
    personId TEXT NOT NULL,
    imageId TEXT NOT NULL,
    distance REAL NOT NULL,
    verdict TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    requestId TEXT
  ) STRICT;
  CREATE INDEX feedback_of_person ON feedback (personId, id);
`

/** Links that rows and sources have, and names that were made of links, may hold users and passwords. */
function blankUsers(db: Database): void {
  const changeRow = db.prepare('UPDATE importRows SET link = ? WHERE rowid = ?')
  const page = db.prepare<[number], { readonly at: number; readonly link: string }>(
    "SELECT rowid AS at, link FROM importRows WHERE rowid > ? AND link LIKE '%@%' ORDER BY rowid LIMIT 1000",
  )
  for (let rows = page.all(-1); rows.length > 0; rows = page.all(rows.at(-1)?.at ?? 0))
    for (const { at, link } of rows) if (withoutUser(link) !== link) changeRow.run(withoutUser(link), at)
  const changeImport = db.prepare('UPDATE imports SET name = ?, source = ?, rev = rev + 1 WHERE id = ?')
  const imports = db.prepare<
    [],
    { readonly id: string; readonly name: string; readonly source: string | null }
  >('SELECT id, name, source FROM imports')
  for (const { id, name, source } of imports.all()) {
    const read = jsonOrNothing(source) as ImportSource | undefined
    const blanked = blankedImport({ name, source: typeof read?.url === 'string' ? read : null })
    if (blanked === null) continue
    changeImport.run(blanked.name, blanked.source === null ? source : JSON.stringify(blanked.source), id)
  }
}

/** Step n brings a file from `user_version` n to n + 1. Steps are added at the end and never changed. */
const MIGRATIONS: readonly ((db: Database) => void)[] = [
  (db) => db.exec(FIRST),
  (db) => db.exec(SECOND),
  addMetadataTerms,
  addSentNames,
  (db) => db.exec(COUNTED),
  (db) => db.exec(IMPORTS),
  (db) => db.exec(TIMES),
  (db) => db.exec(OPERATIONS),
  (db) => db.exec(PROGRESS),
  (db) => db.exec('ALTER TABLE imports ADD COLUMN erasesPersons INTEGER NOT NULL DEFAULT 0'),
  // JSON: where the server itself takes rows from.
  (db) => db.exec('ALTER TABLE imports ADD COLUMN source TEXT'),
  // JSON: how much of an operation was done when.
  (db) => db.exec("ALTER TABLE operations ADD COLUMN marks TEXT NOT NULL DEFAULT '[]'"),
  (db) => db.exec(MERGED),
  (db) => db.exec(NOTES),
  // How well the face of an image can be compared, 0 to 100.
  (db) => db.exec('ALTER TABLE images ADD COLUMN quality REAL'),
  // How sure it is that the face is damaged, 0 to 1.
  (db) => db.exec('ALTER TABLE images ADD COLUMN damage REAL'),
  (db) => db.exec(FEEDBACK),
  // The same of a face as another pack judges it.
  (db) =>
    db.exec(`ALTER TABLE descriptorNotes ADD COLUMN quality REAL;
      ALTER TABLE descriptorNotes ADD COLUMN damage REAL`),
  // Whether an import that is gone was to make the person as well.
  (db) => db.exec('ALTER TABLE importPersons ADD COLUMN isShared INTEGER NOT NULL DEFAULT 0'),
  // The last row that means the person, by its position; null: all.
  (db) => db.exec('ALTER TABLE importPersons ADD COLUMN upTo INTEGER'),
  blankUsers,
]

export const SCHEMA_VERSION = MIGRATIONS.length

/** Each step is one transaction with its version, so a crash leaves a whole version. */
export function migrate(db: Database): void {
  const from = db.pragma('user_version', { simple: true }) as number
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < from) continue
    db.transaction(() => {
      step(db)
      db.pragma(`application_id = ${APPLICATION_ID}`)
      db.pragma(`user_version = ${index + 1}`)
    }).immediate()
  }
}
