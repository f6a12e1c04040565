import { useText } from '../../language/language.tsx'
import { addressOf } from '../../server/place.ts'

/** What to do in an empty gallery: the same three steps here, and in a terminal. */
export function FirstSteps() {
  const text = useText()
  const server = addressOf('')
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
      <p className="quiet">{text.first.terminal}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <pre tabIndex={0}>
        {`curl ${server}/api/persons \\
  -H 'content-type: application/json' -d '{"name": "Ada"}'
curl ${server}/api/persons/PERSON_ID/images -F image=@ada.jpg
curl ${server}/api/search -F image=@unknown.jpg`}
      </pre>
      <p className="quiet">{text.first.folder}</p>
    </section>
  )
}
