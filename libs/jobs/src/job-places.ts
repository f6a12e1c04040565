/**
 * How many jobs a process with so many inference threads runs at once. A picture being decoded or fetched needs no
 * thread: two more jobs keep those busy. As many places again are for searches alone: one that comes finds a place,
 * however much is being enrolled.
 */
export function jobPlaces(threads: number): { readonly concurrency: number; readonly reserved: number } {
  return { concurrency: 2 * threads + 2, reserved: threads }
}
