/** Stands where a list has no cursor, above every id: ids are hexadecimal. */
export const NO_CURSOR = 'g'
