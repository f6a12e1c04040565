export { findSharedData } from '@semblance/testkit'
