/** Of the query that asks who is signed in. */
export const SESSION_KEY = ['session'] as const
/** Of the queries that load parts of the page itself: nothing in them is of a session. */
export const VIEW_KEY = 'view'
