import { v7 } from 'uuid'

/** A fresh UUIDv7, greater than all before it in this process. */
export function newTestId<Id extends string = string>(): Id {
  return v7() as Id
}
