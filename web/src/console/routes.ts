/** The addresses of the console; the server answers each with the same page and plain forms inside. One chunk a role. */
import { createRouter, createWebHistory } from 'vue-router'

export const router = createRouter({
  history: createWebHistory('/'),
  routes: [
    { path: '/desk', name: 'desk', component: () => import('./desk/DeskHome.vue') },
    { path: '/desk/new', name: 'create', component: () => import('./create/CreateRoute.vue') },
    { path: '/desk/rooms/:room', name: 'room', component: () => import('./desk/DeskRoute.vue') },
    { path: '/desk/rooms/:room/policy', name: 'policy', component: () => import('./policy/PolicyRoute.vue') },
    { path: '/moderation', name: 'moderation', component: () => import('./moderation/ReviewRoute.vue') },
    { path: '/moderation/cases', name: 'cases', component: () => import('./cases/CasesRoute.vue') },
    { path: '/moderation/words', name: 'words', component: () => import('./words/WordsRoute.vue') },
  ],
})
