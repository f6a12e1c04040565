import type { FaceEngine } from '@semblance/core'

/** The same engine, with the faces that it finds counted. */
export function countingFaces(
  engine: FaceEngine,
  counter: { readonly countFaces: (found: number) => void },
): FaceEngine {
  return {
    packId: engine.packId,
    dimensions: engine.dimensions,
    calibration: engine.calibration,
    get isDead() {
      return engine.isDead
    },
    findFaces: async (picture, request, work) => {
      const report = await engine.findFaces(picture, request, work)
      counter.countFaces(report.outcome === 'faces' ? report.faces.length : 0)
      return report
    },
    examineFaces: async (picture, request, work) => {
      const report = await engine.examineFaces(picture, request, work)
      counter.countFaces(report.outcome === 'faces' ? report.faces.length : 0)
      return report
    },
    describeFace: (picture, request, work) => engine.describeFace(picture, request, work),
    resize: (picture, request, work) => engine.resize(picture, request, work),
    contentTypeOf: (picture) => engine.contentTypeOf(picture),
    close: () => engine.close(),
  }
}
