/** What the networks run on. */
export type ExecutionProvider = 'cuda' | 'cpu'
