/** Drawn for this page, on a grid of 20, in strokes of the text's colour. */
const PATHS = {
  search: 'M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11Zm4 9.5 3.5 3.5',
  people:
    'M7.5 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-5 6.5c.4-3 2.4-4.5 5-4.5s4.6 1.500 5 4.5M13 4.300a3 3 0 0 1 0 5.400M14.800 12.300c1.500.700 2.400 2.100 2.700 4.200',
  groups:
    'M3 6.500h14M3 6.500v8a1.500 1.500 0 0 0 1.500 1.500h11a1.500 1.500 0 0 0 1.500-1.500v-8M5.500 3.500h9',
  duplicates:
    'M7 7h8.500a1 1 0 0 1 1 1v7.500a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1ZM4.500 13h-.500a1 1 0 0 1-1-1V4.500a1 1 0 0 1 1-1h7.500a1 1 0 0 1 1 1V5',
  imports: 'M10 3v9m0 0 3.500-3.500M10 12 6.500 8.500M3.500 13v2.500a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1V13',
  system: 'M2.500 10.500h3.200l2-5.500 3.600 10 2-4.500h4.200',
  api: 'm7 6-4 4 4 4m6-8 4 4-4 4',
  camera:
    'M3 6.500h3l1.200-2h5.600l1.200 2h3v9.500H3ZM10 13.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z',
  plus: 'M10 4v12M4 10h12',
  close: 'm5 5 10 10M15 5 5 15',
  check: 'm4 10.500 4 4L16 6',
  trash: 'M3.500 5.500h13M8 5.500V3.500h4v2M5 5.500l.700 11h8.600l.700-11M8.500 8.500v5M11.500 8.500v5',
  sun: 'M10 13.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM10 2v1.500M10 16.500V18M2 10h1.500M16.500 10H18M4.300 4.300l1.100 1.100M14.600 14.600l1.100 1.100M4.300 15.700l1.100-1.100M14.600 5.400l1.100-1.100',
  pause: 'M7 4.500v11M13 4.500v11',
  play: 'M6.500 4.500v11l9-5.500Z',
  back: 'm12 4.500-5.500 5.500 5.500 5.500',
  person:
    'M10 10a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7Zm-6.500 7c.500-3.500 3-5 6.500-5s6 1.500 6.500 5',
  warning: 'M10 3.500 17.500 16.500h-15ZM10 8.500v3.500m0 2v.500',
  compare: 'M3.500 4.500h5v11h-5ZM11.500 4.500h5v11h-5ZM10 2.500v15',
} as const

export type IconName = keyof typeof PATHS

/** Beside a text that says the same; hidden from those who are read to. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}
