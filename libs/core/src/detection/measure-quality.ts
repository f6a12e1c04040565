import type { ExaminedFace, ExaminedPicture } from '../ports/face-engine.ts'
import { eyeMidPoint, eyesDistance, headSize } from './head-geometry.ts'
import { headTurn } from './head-pose.ts'
import type { QualityName, QualityValues } from './quality-characteristics.ts'

/** What can be told of a portrait from its geometry and the engine's pixel sums. The rest is left out. */
export function measureQuality(picture: ExaminedPicture, face: ExaminedFace): QualityValues {
  return {
    ...pictureValues(picture),
    ...placeValues(picture, face),
    ...contourValues(picture, face),
    ...pixelValues(face),
    PaddingRatio: face.paddingRatio,
    Roll: face.rotationAngle,
  }
}

/** All that a report needs to have been counted or measured beforehand. */
export function needsOf(names: readonly QualityName[]): {
  readonly pixels: boolean
  readonly faceCount: boolean
} {
  return {
    pixels: names.some((name) => name === 'BlurLevel' || name === 'TooDark' || name === 'TooLight'),
    faceCount: names.includes('OtherFaces'),
  }
}

function pictureValues({ width, height, channels, faceCount }: ExaminedPicture): QualityValues {
  return {
    ImageWidth: width,
    ImageHeight: height,
    ImageWidthToHeight: width / height,
    ImageChannelsNumber: channels,
    ...(faceCount === null ? {} : { OtherFaces: faceCount - 1 }),
  }
}

function placeValues({ width, height }: ExaminedPicture, { landmarks }: ExaminedFace): QualityValues {
  const { x, y } = eyeMidPoint(landmarks)
  return {
    FaceMidPointHorizontalPosition: x / width,
    FaceMidPointVerticalPosition: y / height,
    EyesDistance: eyesDistance(landmarks),
  }
}

function contourValues({ width, height }: ExaminedPicture, face: ExaminedFace): QualityValues {
  if (face.contour === null) return {}
  const head = headSize(face.landmarks, face.contour)
  const turn = headTurn(face.contour)
  return {
    ...(head === null ? {} : { HeadWidthRatio: head.width / width, HeadHeightRatio: head.height / height }),
    ...(turn === null ? {} : { Yaw: turn.yaw, Pitch: turn.pitch }),
  }
}

function pixelValues({ pixels }: ExaminedFace): QualityValues {
  if (pixels === null) return {}
  return { BlurLevel: pixels.blur, TooDark: pixels.dark, TooLight: pixels.light }
}
