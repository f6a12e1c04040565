// Preloaded into a server under test (`node --import`): how much processor time the event loop's thread spends between two
// turns in which timers run. Other programs on the machine do not count, as they would in the time that passes.
// SIGUSR2 prints the longest so far, in milliseconds, and begins anew.
let longest = 0
let last = process.threadCpuUsage()

function measure() {
  const now = process.threadCpuUsage()
  longest = Math.max(longest, now.user + now.system - last.user - last.system)
  last = now
  setTimeout(measure, 1).unref()
}

if (process.env.TURN_MONITOR === '1') {
  measure()
  process.on('SIGUSR2', () => {
    process.stderr.write(`longest turn: ${longest / 1000} ms\n`)
    longest = 0
  })
}
