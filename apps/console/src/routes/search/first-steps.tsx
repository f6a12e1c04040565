import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { useAnnounce } from '../../parts/notices.tsx'
import { addressOf } from '../../server/place.ts'
import { SAMPLES, Samples } from './samples.tsx'

/** What to do in an empty gallery: the same three steps here, and in a terminal. */
export function FirstSteps() {
  const text = useText()
  const announce = useAnnounce()
  const commands = commandsFor(addressOf(''))
  const copy = async () => {
    await navigator.clipboard.writeText(commands)
    announce(text.first.copied)
  }
  return (
    <section className="steps" aria-labelledby="first-steps">
      <h2 id="first-steps" className="lead">
        {text.first.title}
      </h2>
      <ol>
        <li>
          <b>{text.first.drop}</b> {text.first.dropMore}
        </li>
        <li>
          <b>{text.first.name}</b> {text.first.nameMore}
        </li>
        <li>
          <b>{text.first.ask}</b> {text.first.askMore}
        </li>
      </ol>
      <Samples hint={text.first.samplesHint} />
      <div className="steps-terminal">
        <p className="quiet">{text.first.terminal}</p>
        <Button look="bare" onClick={() => void copy()}>
          {text.first.copy}
        </Button>
      </div>
      <pre>{commands}</pre>
      <p className="quiet">{text.first.folder}</p>
    </section>
  )
}

/** The same in a terminal, with the sample pictures; the second answer has the id that the third line needs. */
function commandsFor(server: string): string {
  const [first, second] = SAMPLES
  return `curl -O ${server}/${first} -O ${server}/${second}
curl ${server}/api/persons \\
  -H 'content-type: application/json' -d '{"name": "Eileen Collins"}'
curl ${server}/api/persons/PERSON_ID/images -F image=@${first}
curl ${server}/api/search -F image=@${second}`
}
