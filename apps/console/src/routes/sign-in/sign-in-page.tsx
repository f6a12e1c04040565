import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Field } from '../../parts/field.tsx'
import { ProblemText, SayableError } from '../../parts/states.tsx'
import { useSignIn } from '../../server/session.ts'

/** An API key for a session. The key goes to the server once, and into no storage. */
export function SignInPage({ isAgain }: { readonly isAgain: boolean }) {
  const text = useText()
  const signIn = useSignIn()
  const [key, setKey] = useState('')
  const enter = useMutation({
    mutationFn: async () => {
      if (!(await signIn(key.trim()))) throw new SayableError(text.signIn.wrong)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (key.trim() !== '' && !enter.isPending) enter.mutate()
  }
  return (
    <main className="alone">
      <form className="sign-in panel fields" onSubmit={submit}>
        <h1>Semblance</h1>
        <p className="quiet">{isAgain ? text.signIn.again : text.signIn.note}</p>
        <Field label={text.signIn.key} hint={text.signIn.hint}>
          {(wiring) => (
            <input
              {...wiring}
              type="password"
              autoComplete="off"
              required
              value={key}
              onChange={({ currentTarget }) => setKey(currentTarget.value)}
            />
          )}
        </Field>
        <ProblemText error={enter.error} />
        <Button look="main" type="submit" isBusy={enter.isPending}>
          {text.signIn.enter}
        </Button>
      </form>
    </main>
  )
}
