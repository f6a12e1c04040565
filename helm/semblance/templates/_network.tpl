{{/* Everything is denied to pods of the release first; each part has its exceptions. */}}
{{- define "semblance.networkPolicy" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- if $policy.enabled -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "semblance.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "semblance.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- if eq .part "gateway" }}
    - ports: [{port: http}]
      {{- with $policy.apiFrom }}
      from:
        {{- toYaml . | nindent 8 }}
        # The pod of `helm test`.
        - podSelector:
            matchLabels:
              {{- include "semblance.selector" (dict "root" $.root "part" "test") | nindent 14 }}
      {{- end }}
    {{- end }}
    - ports: [{port: ops}]
      from:
        {{- $policy.opsFrom | default (list (dict "namespaceSelector" dict)) | toYaml | nindent 8 }}
  egress:
    {{- include "semblance.storesEgress" . | nindent 4 }}
    {{- with .root.Values.tracing.endpoint }}
    # The collector of traces.
    - ports: [{port: {{ include "semblance.portOf" . }}}]
      {{- with $policy.tracesTo }}
      to:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    {{- end }}
    {{- if and $policy.pictureLinks (hasKey .values "lanes") }}
    # Pictures behind links, from public addresses alone.
    - ports: [{port: 80}, {port: 443}]
      to:
        - ipBlock:
            cidr: 0.0.0.0/0
            except: [10.0.0.0/8, 100.64.0.0/10, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16]
        - ipBlock:
            cidr: ::/0
            except: [fc00::/7, fe80::/10]
    {{- end }}
{{- end }}
{{- end }}

{{/* The port of a URL. */}}
{{- define "semblance.portOf" -}}
{{- $url := urlParse . -}}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end }}

{{- define "semblance.storesEgress" -}}
{{- $policy := .root.Values.networkPolicy -}}
- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
- ports:
    {{- range $policy.storePorts }}
    - port: {{ . }}
    {{- end }}
  {{- with $policy.storesTo }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
