import { ANOTHER_PROCESS, describeCrashes, NEXT_START, openTestGallery, USE_CASES } from '../testing/index.ts'

for (const finder of [ANOTHER_PROCESS, NEXT_START]) {
  for (const [name, prepare] of Object.entries(USE_CASES)) {
    await describeCrashes({ name, prepare, finder }, () => openTestGallery())
  }
}
