import { aClock, describePicturesInFlightContract } from '@semblance/testkit'
import { createMemoryPicturesInFlight } from './memory-pictures-in-flight.ts'

describePicturesInFlightContract('MemoryPicturesInFlight', async (setup) => {
  const clock = aClock()
  return {
    pictures: createMemoryPicturesInFlight({ ...setup, clock }),
    age: async (ms) => clock.advance(ms),
    close: async () => {},
  }
})
