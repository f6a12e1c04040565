import type { Database } from 'better-sqlite3'

/** What the table `enrolled` says and what the records say; `noted*` are null where its row is missing. */
interface Counts {
  readonly notedPersons: bigint | null
  readonly notedImages: bigint | null
  readonly notedBytes: bigint | null
  readonly persons: bigint
  readonly images: bigint
  readonly pictureBytes: bigint
}

/** One statement, so one state of the file, whatever is written meanwhile. */
const COUNT = `SELECT e.persons AS notedPersons, e.images AS notedImages, e.pictureBytes AS notedBytes,
    (SELECT count(*) FROM persons WHERE state = 'live') AS persons, i.images, i.pictureBytes
  FROM (SELECT count(*) AS images, coalesce(sum(bytes), 0) AS pictureBytes FROM images WHERE state = 'ready') i
    LEFT JOIN enrolled e ON e.id = 0`

/** Says whether the counts that writes keep are those of the records. Reads every image record. */
export function areEnrolledCountsRight(db: Database): boolean {
  return isRight(count(db))
}

/**
 * Puts counts right that a bad disk or somebody's hand has changed. Writers wait for one short write only: it adds what
 * the counts were off by, and so keeps what was enrolled since they were looked at. True if it changed anything.
 */
export function repairEnrolledCounts(db: Database): boolean {
  const counts = count(db)
  if (isRight(counts)) return false
  if (counts.notedPersons === null) {
    db.exec(`INSERT OR REPLACE INTO enrolled
      SELECT 0, (SELECT count(*) FROM persons WHERE state = 'live'), count(*), coalesce(sum(bytes), 0)
      FROM images WHERE state = 'ready'`)
    return true
  }
  // The difference in brackets is small: a count at the end of its range must not overflow.
  db.prepare(`UPDATE enrolled SET persons = :persons + (persons - :notedPersons),
    images = :images + (images - :notedImages),
    pictureBytes = :pictureBytes + (pictureBytes - :notedBytes) WHERE id = 0`).run(counts)
  return true
}

function isRight(counts: Counts): boolean {
  const { notedPersons, notedImages, notedBytes, persons, images, pictureBytes } = counts
  return notedPersons === persons && notedImages === images && notedBytes === pictureBytes
}

function count(db: Database): Counts {
  return db.prepare<[], Counts>(COUNT).safeIntegers().get() as Counts
}
