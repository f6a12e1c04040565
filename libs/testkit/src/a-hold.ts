/** A job that runs until told to end, and another that notes its payload: for filling a queue of one place. */
export function aHold() {
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const noted: unknown[] = []
  return {
    begun: begun.promise,
    end: () => gate.resolve(),
    noted: noted as readonly unknown[],
    handlers: {
      hold: async () => {
        begun.resolve()
        await gate.promise
        return 'held'
      },
      note: async (payload: unknown) => void noted.push(payload),
      idle: async () => null,
    },
  }
}
