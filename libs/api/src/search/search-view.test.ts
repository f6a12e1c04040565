import { describe, expect, it } from 'vitest'
import { viewDetection } from './search-view.ts'

const BOX = { x: 10, y: 20, width: 30, height: 40 }
const POINT = { x: 1, y: 2 }
const DETECTION = {
  box: BOX,
  score: 0.9,
  landmarks: [POINT, POINT, POINT, POINT, POINT],
  rotationAngle: 0,
  crop: null,
} as const

describe('landmarks that cannot be trusted', () => {
  it('are marked', () => {
    expect(viewDetection({ ...DETECTION, landmarkDisagreement: 0.11 }).landmarksUncertain).toBe(true)
  })

  it.each([0.1, 0, null])('are not those that moved by %s of the distance between the eyes', (moved) => {
    expect(viewDetection({ ...DETECTION, landmarkDisagreement: moved })).not.toHaveProperty(
      'landmarksUncertain',
    )
  })

  it('are not told of by a worker of an earlier release', () => {
    expect(viewDetection(DETECTION)).not.toHaveProperty('landmarksUncertain')
  })
})

describe('the quality of a face', () => {
  const parts = { size: 100, sharpness: 80, exposure: 100, pose: 50, covering: 90 }
  const faceQuality = {
    value: 93.5,
    parts: { ...parts, detection: 70, landmarks: 60, agreement: 75, norm: 40 },
  }

  it('is told with its parts', () => {
    expect(viewDetection({ ...DETECTION, faceQuality }).faceQuality).toEqual(faceQuality)
  })

  it('is left out where nobody judged it', () => {
    expect(viewDetection(DETECTION)).not.toHaveProperty('faceQuality')
  })
})
