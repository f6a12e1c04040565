import { useMemo } from 'react'
import { useLanguage } from './language.tsx'

/** Numbers, times and sizes as the reader's language writes them. */
export function useFormats() {
  const { language } = useLanguage()
  return useMemo(() => formatsOf(language), [language])
}

function formatsOf(language: string) {
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 })
  const short = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 })
  const hundredths = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
  return {
    whole: (value: number) => whole.format(value),
    /** Two digits that count. */
    short: (value: number) => short.format(value),
    hundredths: (value: number) => hundredths.format(value),
    percent: (share: number) => `${whole.format(share * 100)} %`,
    time: (iso: string) => time.format(new Date(iso)),
    day: (iso: string) => day.format(new Date(iso)),
    bytes: (bytes: number) => {
      const units = ['B', 'KB', 'MB', 'GB', 'TB']
      const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
      return `${short.format(bytes / 1000 ** power)} ${units[power]}`
    },
    milliseconds: (ms: number) => (ms < 1000 ? `${short.format(ms)} ms` : `${short.format(ms / 1000)} s`),
    seconds: (seconds: number) => {
      if (seconds < 90) return `${whole.format(seconds)} s`
      if (seconds < 5400) return `${whole.format(seconds / 60)} min`
      return `${short.format(seconds / 3600)} h`
    },
  }
}
