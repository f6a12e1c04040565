import { answerOf } from '@semblance/client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Field } from '../../parts/field.tsx'
import { useGroupNames } from '../../parts/group-names.ts'
import { PageHead } from '../../parts/page-head.tsx'
import { Barrier, Empty, ProblemText, Skeleton } from '../../parts/states.tsx'
import { goTo, Link } from '../../router.tsx'
import { api, type Group } from '../../server/api.ts'
import { useGalleryChanged, useGroups } from '../../server/queries.ts'
import { PeopleList } from '../people/people-list.tsx'
import { EVERYBODY } from '../people/people-query.ts'

/** Sets of people that a search may be limited to, and who is in the one that is chosen. */
export function GroupsPage({ selectedId }: { readonly selectedId: string | null }) {
  const text = useText()
  const groups = useGroups()
  const selected = groups.data?.find(({ id }) => id === selectedId) ?? groups.data?.[0]
  return (
    <>
      <PageHead title={text.shell.groups} note={text.groups.note} />
      {groups.isPending ? <Skeleton kind="rows" /> : null}
      <Barrier of={groups} />
      {groups.data?.length === 0 ? (
        <Empty icon="groups" title={text.groups.none}>
          <p className="quiet">{text.groups.noneHint}</p>
          <NewGroup />
        </Empty>
      ) : null}
      {groups.data === undefined || selected === undefined ? null : (
        <div className="groups">
          <div className="group-list">
            <NewGroup />
            <ul aria-label={text.shell.groups}>
              {groups.data.map((group) => (
                <li key={group.id}>
                  <GroupLine group={group} isSelected={group.id === selected.id} />
                </li>
              ))}
            </ul>
          </div>
          <GroupView key={selected.id} group={selected} />
        </div>
      )}
    </>
  )
}

function GroupLine({ group, isSelected }: { readonly group: Group; readonly isSelected: boolean }) {
  const text = useText()
  const nameOf = useGroupNames()
  const counted = useQuery({
    queryKey: ['group', group.id],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/groups/{groupId}', { params: { path: { groupId: group.id } }, signal })),
  })
  return (
    <Link to={`/groups/${group.id}`} className="group-line" aria-current={isSelected ? 'true' : undefined}>
      <span>{nameOf(group.id)}</span>
      <span className="small quiet">
        {counted.data === undefined ? '…' : text.groups.members(counted.data.memberCount)}
      </span>
    </Link>
  )
}

function NewGroup() {
  const text = useText()
  const galleryChanged = useGalleryChanged()
  const [name, setName] = useState('')
  const create = useMutation({
    mutationFn: () => answerOf(api.POST('/api/groups', { body: { name: name.trim(), metadata: {} } })),
    onSuccess: ({ id }) => {
      setName('')
      galleryChanged()
      goTo(`/groups/${id}`)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '' && !create.isPending) create.mutate()
  }
  return (
    <form className="new-group" onSubmit={submit}>
      <input
        aria-label={text.groups.newName}
        placeholder={text.groups.newName}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <Button type="submit" icon="plus" isBusy={create.isPending}>
        {text.groups.create}
      </Button>
      <ProblemText error={create.error} />
    </form>
  )
}

function GroupView({ group }: { readonly group: Group }) {
  const text = useText()
  const queries = useQueryClient()
  const nameOf = useGroupNames()
  const galleryChanged = useGalleryChanged()
  const [name, setName] = useState(group.name)
  const [isDeleting, setIsDeleting] = useState(false)
  const params = { path: { groupId: group.id } }
  const rename = useMutation({
    mutationFn: () => answerOf(api.PUT('/api/groups/{groupId}', { params, body: { name: name.trim() } })),
    onSuccess: galleryChanged,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '' && name !== group.name) rename.mutate()
  }
  return (
    <section aria-label={group.name} className="group-view">
      <form className="rename" onSubmit={submit}>
        <Field label={text.groups.name}>
          {(wiring) => (
            <input
              {...wiring}
              value={name}
              required
              onChange={({ currentTarget }) => setName(currentTarget.value)}
            />
          )}
        </Field>
        <Button type="submit" disabled={name === group.name || name.trim() === ''} isBusy={rename.isPending}>
          {text.groups.rename}
        </Button>
        <Button look="danger" icon="trash" onClick={() => setIsDeleting(true)}>
          {text.groups.remove}
        </Button>
        <ProblemText error={rename.error} />
      </form>
      <PeopleList filter={{ ...EVERYBODY, groupId: group.id }} isGroup />
      {isDeleting ? (
        <Confirm
          title={text.groups.removeTitle(nameOf(group.id))}
          body={text.groups.removeBody}
          action={text.groups.remove}
          onClose={() => setIsDeleting(false)}
          run={() => answerOf(api.DELETE('/api/groups/{groupId}', { params }))}
          onDone={(isOpen) => {
            // Nobody asks how many are in a group that is gone.
            queries.setQueryData<readonly Group[]>(['groups'], (all) =>
              all?.filter(({ id }) => id !== group.id),
            )
            queries.removeQueries({ queryKey: ['group', group.id] })
            if (isOpen) goTo('/groups')
            galleryChanged()
          }}
        />
      ) : null}
    </section>
  )
}
