/** Ends a migration with a sentence for the person who started it; what was moved stays noted. */
export class MigrationFault extends Error {
  override readonly name = 'MigrationFault'
}
