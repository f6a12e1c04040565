import { createContext } from 'react'

/** False while the session is over and the key is asked for: dialogs, which stand over everything, stand back. */
export const InView = createContext(true)
