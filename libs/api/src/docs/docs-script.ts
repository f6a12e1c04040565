/**
 * What `/docs` shows is the description, arranged for people. Tools read `/openapi.json`, which is whole.
 *
 * - Where a call takes a picture, the page offers to send a file: nobody has one at hand as Base64.
 * - Fields that only old clients send, or that have no effect, are named in one sentence instead of a line each; the two
 *   headers that every call takes are told of once, above.
 * - Calls that only read get the id of somebody or something that is there, so that they answer at the first click. Calls that
 *   write do not: a click too many must not delete anybody.
 *
 * Without `validatorUrl: null` the page would ask a public server for a badge. Swagger UI fills in every field of a form
 * and sends the empty ones, too, so that a search by a photo alone would be a matter of clearing a dozen fields. A form
 * that holds nothing counts as edited to it, and would be sent in place of the JSON that is chosen then. It puts a link into
 * the button that unfolds a call, which readers of screens stumble over, and names few of its fields to them.
 */
export const docsScript = `const place = document.getElementById('docs')
const { prefix, description: address } = place.dataset
const FORM = 'multipart/form-data'
const JSON_TYPE = 'application/json'
const OLD = /^Old clients|accepted, not used/
const HEADERS = ['X-RequestID', 'Idempotency-Key']
const LISTS = {
  personId: ['/api/persons?size=1&hasImages=true', '/api/persons?size=1'],
  groupId: ['/api/groups?size=1'],
  importId: ['/api/imports?size=1'],
  operationId: ['/api/operations?size=1'],
  duplicatesId: ['/api/duplicates?size=1'],
}
const PATIENCE_MS = 2000

const followTheme = () => {
  const dark = window.matchMedia('(prefers-color-scheme: dark)')
  const apply = () => {
    const kept = window.localStorage.getItem('semblance-theme')
    document.documentElement.classList.toggle('dark-mode', kept === 'dark' || (kept !== 'light' && dark.matches))
  }
  apply()
  dark.addEventListener('change', apply)
}

const read = async (path) => {
  try {
    const answer = await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS) })
    return answer.ok ? await answer.json() : null
  } catch {
    return null
  }
}

const firstOf = async (paths) => {
  for (const path of paths) {
    const id = (await read(prefix + path))?.items?.[0]?.id
    if (id !== undefined) return id
  }
}

const idsOfWhatIsThere = async ({ components }) => {
  if (components?.securitySchemes !== undefined && (await read(prefix + '/api/session'))?.signedIn !== true) return {}
  const found = await Promise.all(Object.entries(LISTS).map(async ([name, paths]) => [name, await firstOf(paths)]))
  const ids = Object.fromEntries(found)
  if (ids.personId !== undefined)
    ids.imageId = await firstOf(['/api/persons/' + ids.personId + '/images?size=1'])
  return ids
}

const foldAway = (schema) => {
  const { properties = {} } = schema ?? {}
  const old = Object.keys(properties).filter((name) => OLD.test(properties[name].description ?? ''))
  if (old.length === 0) return
  for (const name of old) delete properties[name]
  const told = 'Taken from old clients, too: ' + old.join(', ') + '.'
  schema.description = schema.description === undefined ? told : schema.description + ' ' + told
}

const fillIn = (operation, ids) => {
  for (const parameter of operation.parameters ?? []) {
    const id = parameter.in === 'path' ? ids[parameter.name] : undefined
    if (id === undefined) continue
    parameter.example = id
    parameter.schema = { ...parameter.schema, example: id }
  }
}

const arrange = (description, ids) => {
  for (const schema of Object.values(description.components?.schemas ?? {})) foldAway(schema)
  for (const operations of Object.values(description.paths ?? {}))
    for (const [method, operation] of Object.entries(operations)) {
      const { requestBody, parameters } = operation
      if (parameters !== undefined)
        operation.parameters = parameters.filter((one) => one.in !== 'header' || !HEADERS.includes(one.name))
      if (requestBody?.content?.[FORM] && requestBody.content[JSON_TYPE])
        requestBody.content = { [FORM]: requestBody.content[FORM], ...requestBody.content }
      if (method === 'get') fillIn(operation, ids)
    }
  description.info.description += '\\n\\nEvery call takes the header \`X-RequestID\`, which comes back and stands in the log. A POST or DELETE takes \`Idempotency-Key\`: sent again with the same key, it has no second effect. Calls that only read are filled in with ids of what is there.'
  return description
}

const asFormsGo = () => ({
  statePlugins: { oas3: { wrapSelectors: { hasUserEditedBody: () => () => false } } },
  wrapComponents: {
    JsonSchemaForm: (Original, { React }) => (props) => {
      const dispatchInitialValue = props.dispatchInitialValue && props.required
      return React.createElement(Original, { ...props, dispatchInitialValue })
    },
    ParameterIncludeEmpty: () => () => null,
    DeepLink: (_Original, { React }) => ({ text }) => React.createElement('span', null, text),
  },
})

const namesOfTheRest = (field) => {
  if (field.id === 'servers') return 'server'
  if (field.classList.contains('body-param__text')) return 'request body'
}

/** Fields of Swagger UI have a name beside them that is not tied to them, and examples scroll that no key reaches. */
const nameFields = () => {
  for (const field of place.querySelectorAll('input:not([aria-label]), select:not([aria-label]), textarea:not([aria-label])')) {
    const row = field.closest('[data-param-name], [data-property-name]')
    const name = row?.dataset.paramName ?? row?.dataset.propertyName ?? namesOfTheRest(field)
    if (name !== undefined) field.setAttribute('aria-label', name)
  }
  for (const example of place.querySelectorAll('pre.microlight:not([tabindex])')) example.tabIndex = 0
}

const show = async () => {
  const description = await (await fetch(address)).json()
  SwaggerUIBundle({
    spec: arrange(description, await idsOfWhatIsThere(description)),
    dom_id: '#docs',
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    docExpansion: 'list',
    persistAuthorization: false,
    plugins: [asFormsGo],
    tryItOutEnabled: true,
    validatorUrl: null,
  })
}

followTheme()
new MutationObserver(nameFields).observe(place, { childList: true, subtree: true })
show().catch(() => {
  place.textContent = 'The description cannot be read. Load the page again in a moment.'
})
`
