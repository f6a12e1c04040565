// A process that is started with this file (`clockAhead`) has a clock that is TEST_CLOCK_AHEAD_MS ahead of the machine's.
const aheadMs = Number(process.env.TEST_CLOCK_AHEAD_MS ?? 0)
const RealDate = Date

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + aheadMs)
    else super(...given)
  }

  static now() {
    return RealDate.now() + aheadMs
  }
}
