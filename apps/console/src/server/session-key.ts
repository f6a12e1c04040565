/** Of the query that asks who is signed in. */
export const SESSION_KEY = ['session'] as const
