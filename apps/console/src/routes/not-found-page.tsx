import { useText } from '../language/language.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Empty } from '../parts/states.tsx'
import { Link } from '../router.tsx'

/** An address that leads nowhere, and the ways on. */
export function NotFoundPage() {
  const text = useText()
  return (
    <>
      <PageHead title={text.notFound.title} />
      <Empty icon="search" title={text.notFound.what}>
        <p className="quiet">{text.notFound.hint}</p>
        <div className="actions">
          <Link to="/search" className="button main">
            {text.notFound.toSearch}
          </Link>
          <Link to="/people" className="button">
            {text.notFound.toPeople}
          </Link>
        </div>
      </Empty>
    </>
  )
}
