/** On a phone the contents are folded away, so that the record itself comes first. */
if (window.innerWidth < 1080) document.querySelector('.toc details')?.removeAttribute('open')
