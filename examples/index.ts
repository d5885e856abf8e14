/** The case studies, in the order in which to read them. */
import type { CaseStudy } from './caseStudy.ts'
import { mobileClient } from './mobile-client/study.ts'

export const caseStudies: readonly CaseStudy[] = [mobileClient]
