/** Groups of characteristics, in the order of the wire contract's numbers 1 to 8. */
export const QUALITY_GROUPS = [
  'ImageCharacteristics',
  'HeadSizeAndPosition',
  'FaceQuality',
  'EyesCharacteristics',
  'ShadowsAndLightning',
  'PoseAndExpression',
  'HeadOcclusion',
  'Background',
] as const
export type QualityGroup = (typeof QUALITY_GROUPS)[number]

/** Every characteristic of a portrait that the wire contract knows, with its group. Most of them nobody here can tell. */
export const QUALITY_CHARACTERISTICS = {
  ImageWidth: 'ImageCharacteristics',
  ImageHeight: 'ImageCharacteristics',
  ImageWidthToHeight: 'ImageCharacteristics',
  ImageChannelsNumber: 'ImageCharacteristics',
  PaddingRatio: 'ImageCharacteristics',
  ArtFace: 'ImageCharacteristics',
  FaceMidPointHorizontalPosition: 'HeadSizeAndPosition',
  FaceMidPointVerticalPosition: 'HeadSizeAndPosition',
  HeadWidthRatio: 'HeadSizeAndPosition',
  HeadHeightRatio: 'HeadSizeAndPosition',
  EyesDistance: 'HeadSizeAndPosition',
  Yaw: 'HeadSizeAndPosition',
  Pitch: 'HeadSizeAndPosition',
  Roll: 'HeadSizeAndPosition',
  BlurLevel: 'FaceQuality',
  NoiseLevel: 'FaceQuality',
  UnnaturalSkinTone: 'FaceQuality',
  FaceDynamicRange: 'FaceQuality',
  EyeRightClosed: 'EyesCharacteristics',
  EyeLeftClosed: 'EyesCharacteristics',
  EyeRightOccluded: 'EyesCharacteristics',
  EyeLeftOccluded: 'EyesCharacteristics',
  EyesRed: 'EyesCharacteristics',
  EyeRightCoveredWithHair: 'EyesCharacteristics',
  EyeLeftCoveredWithHair: 'EyesCharacteristics',
  OffGaze: 'EyesCharacteristics',
  ContactLenses: 'EyesCharacteristics',
  TooDark: 'ShadowsAndLightning',
  TooLight: 'ShadowsAndLightning',
  FaceGlare: 'ShadowsAndLightning',
  ShadowsOnFace: 'ShadowsAndLightning',
  ShouldersPose: 'PoseAndExpression',
  ExpressionLevel: 'PoseAndExpression',
  MouthOpen: 'PoseAndExpression',
  Smile: 'PoseAndExpression',
  DarkGlasses: 'HeadOcclusion',
  ReflectionOnGlasses: 'HeadOcclusion',
  FramesTooHeavy: 'HeadOcclusion',
  FaceOccluded: 'HeadOcclusion',
  HeadCovering: 'HeadOcclusion',
  ForeheadCovering: 'HeadOcclusion',
  StrongMakeup: 'HeadOcclusion',
  Headphones: 'HeadOcclusion',
  MedicalMask: 'HeadOcclusion',
  BackgroundUniformity: 'Background',
  ShadowsOnBackground: 'Background',
  OtherFaces: 'Background',
  BackgroundColorMatch: 'Background',
} as const satisfies Record<string, QualityGroup>

export type QualityName = keyof typeof QUALITY_CHARACTERISTICS

export const QUALITY_NAMES = Object.keys(QUALITY_CHARACTERISTICS) as [QualityName, ...QualityName[]]

/** Lowest and highest value that complies. */
export type QualityRange = readonly [number, number]

/** One characteristic to judge; without a range its value is told and nothing is judged. */
export interface QualityCheck {
  readonly name: QualityName
  readonly range: QualityRange | null
}

/** Values by name, in the units of docs/quality.md; what is missing could not be measured. */
export type QualityValues = Readonly<Partial<Record<QualityName, number>>>
