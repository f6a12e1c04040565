import { type Feedback, MOST_FEEDBACK_OF_PERSON } from '../../feedback/feedback.ts'
import type { FeedbackId, PersonId } from '../../ids.ts'
import type { FeedbackQuery, FeedbackRecords } from '../../ports/feedback-records.ts'
import type { AtOnce } from './naive-record-store.ts'
import type { NaiveTables } from './naive-tables.ts'

export function feedbackIn({ feedback }: NaiveTables, now: () => number): AtOnce<FeedbackRecords> {
  const ofPerson = (id: PersonId) => feedback.select(({ personId }) => personId === id).toReversed()
  return {
    add: (given: Feedback) => {
      feedback.insert(given, now())
      for (const { id } of ofPerson(given.personId).slice(MOST_FEEDBACK_OF_PERSON)) feedback.delete(id)
    },
    list: ({ personIds, before, limit }: FeedbackQuery) =>
      feedback
        .select(
          ({ id, personId }) => (before === null || id < before) && (personIds?.includes(personId) ?? true),
        )
        .toReversed()
        .slice(0, limit),
    remove: (id: FeedbackId) => {
      const isThere = feedback.get(id) !== undefined
      feedback.delete(id)
      return isThere
    },
    erase: (personId: PersonId) => {
      for (const { id } of ofPerson(personId)) feedback.delete(id)
    },
  }
}
