import { useText } from '../../../language/language.tsx'
import type { DetectedFace } from '../../../server/api.ts'

/** How well the face can be compared, and what speaks for and against it: each as a bar with its number. */
export function FaceQuality({ face }: { readonly face: DetectedFace }) {
  const text = useText()
  const { faceQuality, quality } = face
  const parts = Object.entries(faceQuality?.parts ?? {}) as [keyof typeof text.person.parts, number][]
  return (
    <dl className="quality-parts">
      {faceQuality === undefined ? null : (
        <Part name={text.person.qualityWhole} value={Math.round(faceQuality.value)} most={100} />
      )}
      {parts.map(([name, value]) => (
        <Part key={name} name={text.person.parts[name]} value={Math.round(value)} most={100} />
      ))}
      {judgedGroups(quality).map(({ name, fine, judged }) => (
        <Part
          key={name}
          name={text.person.characteristics[name]}
          value={fine}
          most={judged}
          says={text.person.compliant(fine, judged)}
        />
      ))}
    </dl>
  )
}

/** As the server numbers what became of a characteristic. */
const COMPLIES = 1
const UNDETERMINED = 2

/** Of each group, how many characteristics comply of those that the pack can judge; groups without any are left out. */
function judgedGroups(quality: DetectedFace['quality']) {
  if (quality === undefined) return []
  return quality.detailsGroups
    .map(({ groupId, name }) => {
      const judged = quality.details.filter((one) => one.groupId === groupId && one.status !== UNDETERMINED)
      return {
        name,
        fine: judged.filter(({ status }) => status === COMPLIES).length,
        judged: judged.length,
      }
    })
    .filter(({ judged }) => judged > 0)
}

interface PartProps {
  readonly name: string
  readonly value: number
  readonly most: number
  /** In place of the number. */
  readonly says?: string
}

function Part({ name, value, most, says = String(value) }: PartProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <meter min={0} max={most} value={value} aria-hidden="true" />
        <span className="number">{says}</span>
      </dd>
    </div>
  )
}
