import type { EnrolledCount, ObserveDamage, RecordStore } from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { PortName, RowsOf, StorePorts } from '../store-calls.ts'
import { DescriptorRows } from './descriptor-rows.ts'
import { DuplicatePairRows } from './duplicate-pair-rows.ts'
import { FeedbackRows } from './feedback-rows.ts'
import { GroupRows } from './group-rows.ts'
import { ImageRows } from './image-rows.ts'
import { ImportRecordRows } from './import-record-rows.ts'
import { ImportRowRows } from './import-row-rows.ts'
import { ImportedPersonRows } from './imported-person-rows.ts'
import { OperationRecordRows } from './operation-record-rows.ts'
import { OperationTargetRows } from './operation-target-rows.ts'
import { OverdueRows } from './overdue-rows.ts'
import { PersonRows } from './person-rows.ts'
import { ReplyRows } from './reply-rows.ts'
import { SettingRows } from './setting-rows.ts'

export type AllRows = { readonly [Name in PortName]: RowsOf<StorePorts[Name]> }

/** What stands behind each port, over one database. Synchronous: runs on the store's own thread. */
export function rowsOver(db: Database, onDamage: ObserveDamage): AllRows {
  return {
    persons: new PersonRows(db, onDamage),
    images: new ImageRows(db, onDamage),
    descriptors: new DescriptorRows(db, onDamage),
    groups: new GroupRows(db, onDamage),
    feedback: new FeedbackRows(db),
    settings: new SettingRows(db),
    overdue: new OverdueRows(db),
    replies: new ReplyRows(db, onDamage),
    importRecords: new ImportRecordRows(db, onDamage),
    importRows: new ImportRowRows(db),
    importedPersons: new ImportedPersonRows(db),
    operationRecords: new OperationRecordRows(db),
    operationTargets: new OperationTargetRows(db),
    duplicatePairs: new DuplicatePairRows(db),
    store: new StoreRows(db),
  }
}

/** Questions about the store as a whole. */
class StoreRows implements RowsOf<Pick<RecordStore, 'countEnrolled' | 'check'>> {
  readonly #enrolled: Statement<[], EnrolledCount>
  readonly #alive: Statement

  constructor(db: Database) {
    this.#enrolled =
      db.prepare(`SELECT persons, (SELECT count(*) FROM galleryGroups WHERE state = 'live') AS groups,
      images, pictureBytes FROM enrolled WHERE id = 0`)
    this.#alive = db.prepare('SELECT 1 FROM settings LIMIT 1')
  }

  countEnrolled(): EnrolledCount {
    return this.#enrolled.get() ?? { persons: 0, groups: 0, images: 0, pictureBytes: 0 }
  }

  check(): void {
    this.#alive.get()
  }
}
