import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Photos that the tests of the official client know by name, from the shared data. */
export function samplePhotos(shared: string | null) {
  const photo = (path: string) => readFile(join(shared ?? '', path))
  return {
    /** One man, by the number of the photo: 0001 to 0019. */
    gul: (number: string) => photo(`lfw-dev/images/Abdullah_Gul/Abdullah_Gul_${number}.jpg`),
    obama: () => photo('photos/ageitgey-face_recognition/examples/obama.jpg'),
    biden: () => photo('photos/ageitgey-face_recognition/examples/biden.jpg'),
    twoPeople: () => photo('photos/ageitgey-face_recognition/examples/two_people.jpg'),
    faceless: () => photo('photos/exadel-CompreFace/embedding-calculator/sample_images/017_0.jpg'),
  }
}
