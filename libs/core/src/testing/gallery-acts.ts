export {
  aCandidacy,
  aDraft,
  anEnrollment,
  atCosine,
  type Enrollment,
  enroll,
  enrollAt,
  makeGroup,
  makePerson,
  makePersonAt,
  PROBE,
} from '@semblance/testkit'
