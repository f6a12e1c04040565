import { describe, expect, it } from 'vitest'
import type { ExaminedFace, ExaminedPicture } from '../ports/face-engine.ts'
import { measureQuality, needsOf } from './measure-quality.ts'
import { QUALITY_NAMES } from './quality-characteristics.ts'

const PICTURE: ExaminedPicture = {
  contentType: 'image/png',
  width: 600,
  height: 800,
  channels: 3,
  faceCount: 3,
}

function aFace(face: Partial<ExaminedFace> = {}): ExaminedFace {
  const at = (x: number, y: number) => ({ x, y })
  const contour = Array.from({ length: 68 }, (_, index) => at(280 + index, 350 + (index % 7)))
  return {
    box: { x: 200, y: 200, width: 200, height: 250 },
    boxInPicture: { x: 200, y: 200, width: 200, height: 250 },
    score: 0.9,
    landmarks: [at(250, 360), at(350, 360), at(300, 400), at(260, 450), at(340, 450)],
    rotationAngle: 2.5,
    landmarkDisagreement: 0.02,
    contour,
    crop: null,
    paddingRatio: 0.25,
    pixels: { blur: 0.3, dark: 0.1, light: 0.2 },
    attributes: { age: null, emotion: null },
    ...face,
  }
}

describe('what is measured of a portrait', () => {
  it('is what geometry and pixel sums tell', () => {
    expect(measureQuality(PICTURE, aFace())).toMatchObject({
      ImageWidth: 600,
      ImageHeight: 800,
      ImageWidthToHeight: 0.75,
      ImageChannelsNumber: 3,
      PaddingRatio: 0.25,
      FaceMidPointHorizontalPosition: 0.5,
      FaceMidPointVerticalPosition: 0.45,
      EyesDistance: 100,
      Roll: 2.5,
      BlurLevel: 0.3,
      TooDark: 0.1,
      TooLight: 0.2,
      OtherFaces: 2,
    })
  })

  it('is seventeen characteristics of the forty-eight, and no guess at the others', () => {
    expect(Object.keys(measureQuality(PICTURE, aFace()))).toHaveLength(17)
    expect(QUALITY_NAMES).toHaveLength(48)
  })

  it('leaves out what the engine could not tell', () => {
    const values = measureQuality({ ...PICTURE, faceCount: null }, aFace({ contour: null, pixels: null }))
    const missing = [
      'HeadWidthRatio',
      'HeadHeightRatio',
      'Yaw',
      'Pitch',
      'BlurLevel',
      'TooDark',
      'TooLight',
      'OtherFaces',
    ]
    for (const name of missing) expect(values).not.toHaveProperty(name)
    expect(Object.keys(values)).toHaveLength(17 - missing.length)
  })

  it('asks the engine for no more than is needed', () => {
    expect(needsOf(['ImageWidth', 'Yaw'])).toEqual({ pixels: false, faceCount: false })
    expect(needsOf(['TooDark'])).toEqual({ pixels: true, faceCount: false })
    expect(needsOf(['OtherFaces'])).toEqual({ pixels: false, faceCount: true })
  })
})
