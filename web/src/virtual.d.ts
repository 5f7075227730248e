declare module 'virtual:messages/zh-CN' {
  const messages: import('./i18n.ts').Catalogue
  export default messages
}
declare module 'virtual:messages/en' {
  const messages: import('./i18n.ts').Catalogue
  export default messages
}
declare module '*.vue' {
  const component: import('vue').DefineComponent<object, object, unknown>
  export default component
}
declare module 'virtual:messages/console/zh-CN' {
  const messages: import('./i18n.ts').Catalogue
  export default messages
}
declare module 'virtual:messages/console/en' {
  const messages: import('./i18n.ts').Catalogue
  export default messages
}
declare module '*.css'
