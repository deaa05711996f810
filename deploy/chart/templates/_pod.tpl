{{- /* The parts of a pod of brandpulse: dict "root" $ "role" "score" */}}

{{- define "brandpulse.env" -}}
{{- $values := .root.Values }}
{{- $kafka := $values.kafka -}}
- {name: BRANDPULSE_BROKERS, value: {{ $kafka.brokers | quote }}}
- {name: BRANDPULSE_TOPIC_PREFIX, value: {{ $kafka.topicPrefix | quote }}}
- {name: BRANDPULSE_PARTITIONS, value: {{ $values.topics.partitions | quote }}}
- {name: BRANDPULSE_LOG_FORMAT, value: json}
{{- if ne $kafka.securityProtocol "PLAINTEXT" }}
- {name: BRANDPULSE_SECURITY_PROTOCOL, value: {{ $kafka.securityProtocol }}}
{{- end }}
{{- if $kafka.sasl.mechanism }}
- {name: BRANDPULSE_SASL_MECHANISM, value: {{ $kafka.sasl.mechanism }}}
- {name: BRANDPULSE_SASL_USERNAME_FILE, value: /run/secrets/kafka-sasl/username}
- {name: BRANDPULSE_SASL_PASSWORD_FILE, value: /run/secrets/kafka-sasl/password}
{{- end }}
{{- if $kafka.tls.existingSecret }}
- {name: BRANDPULSE_SSL_CA_FILE, value: /run/secrets/kafka-tls/ca.crt}
{{- if $kafka.tls.certificateKey }}
- {name: BRANDPULSE_SSL_CERTIFICATE_FILE, value: /run/secrets/kafka-tls/tls.crt}
- {name: BRANDPULSE_SSL_KEY_FILE, value: /run/secrets/kafka-tls/tls.key}
{{- end }}
{{- end }}
{{- if has .role (list "history" "web") }}
- {name: BRANDPULSE_DATABASE_URL_FILE, value: /run/secrets/database/url}
{{- end }}
{{- if and (eq .role "web") $values.tokens.existingSecret }}
- {name: BRANDPULSE_TOKENS_FILE, value: /run/secrets/tokens/tokens}
{{- end }}
{{- if eq .role "notify" }}
- {name: BRANDPULSE_WEBHOOK_URL_FILE, value: /run/secrets/webhook/url}
- {name: BRANDPULSE_PUBLIC_URL, value: {{ $values.web.publicUrl | quote }}}
{{- end }}
{{- if eq .role "score" }}
- {name: BRANDPULSE_THREADS, value: {{ $values.score.threads | quote }}}
- {name: BRANDPULSE_PROVIDER, value: {{ ternary "cuda" "cpu" $values.score.gpu.enabled }}}
{{- if $values.score.bundleClaim }}
- {name: BRANDPULSE_BUNDLE, value: /bundle}
{{- end }}
{{- end }}
{{- if and (eq .role "score") $values.traces.endpoint }}
- {name: BRANDPULSE_TRACES, value: otlp}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ $values.traces.endpoint | quote }}}
{{- end }}
{{- range $name, $value := $values.settings }}
- {name: BRANDPULSE_{{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{- /* The secrets of this role as JSON: a directory of /run/secrets, the secret, its keys and their files. */}}
{{- define "brandpulse.secrets" -}}
{{- $values := .root.Values }}
{{- $kafka := $values.kafka }}
{{- $secrets := list }}
{{- if $kafka.sasl.mechanism }}
{{- $secrets = append $secrets (dict "at" "kafka-sasl" "secret" $kafka.sasl.existingSecret "files" (dict "username" $kafka.sasl.usernameKey "password" $kafka.sasl.passwordKey)) }}
{{- end }}
{{- if $kafka.tls.existingSecret }}
{{- $files := dict "ca.crt" $kafka.tls.caKey }}
{{- if $kafka.tls.certificateKey }}
{{- $files = merge $files (dict "tls.crt" $kafka.tls.certificateKey "tls.key" $kafka.tls.privateKeyKey) }}
{{- end }}
{{- $secrets = append $secrets (dict "at" "kafka-tls" "secret" $kafka.tls.existingSecret "files" $files) }}
{{- end }}
{{- if has .role (list "history" "web") }}
{{- $secrets = append $secrets (dict "at" "database" "secret" $values.database.existingSecret "files" (dict "url" $values.database.urlKey)) }}
{{- end }}
{{- if and (eq .role "web") $values.tokens.existingSecret }}
{{- $secrets = append $secrets (dict "at" "tokens" "secret" $values.tokens.existingSecret "files" (dict "tokens" $values.tokens.key)) }}
{{- end }}
{{- if eq .role "notify" }}
{{- $secrets = append $secrets (dict "at" "webhook" "secret" $values.webhook.existingSecret "files" (dict "url" $values.webhook.urlKey)) }}
{{- end }}
{{- toJson $secrets }}
{{- end }}

{{- /* One container; the caller adds command and ports. */}}
{{- define "brandpulse.container" -}}
image: {{ include "brandpulse.image" . | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
env: {{- include "brandpulse.env" . | nindent 2 }}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  - {name: data, mountPath: /var/lib/brandpulse}
  {{- range include "brandpulse.secrets" . | fromJsonArray }}
  - {name: {{ .at }}, mountPath: /run/secrets/{{ .at }}, readOnly: true}
  {{- end }}
  {{- if and (eq .role "score") .root.Values.score.bundleClaim }}
  - {name: bundle, mountPath: /bundle, readOnly: true}
  {{- end }}
{{- end }}

{{- /* The pod around it. Service links would add variables BRANDPULSE_…, which are no settings. */}}
{{- define "brandpulse.podSpec" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - {name: {{ . }}}
  {{- end }}
{{- end }}
{{- $gpu := and (eq .role "score") .root.Values.score.gpu.enabled }}
{{- with ternary (merge (dict) .root.Values.score.gpu.nodeSelector .root.Values.nodeSelector) .root.Values.nodeSelector $gpu }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with ternary (concat .root.Values.score.gpu.tolerations .root.Values.tolerations) .root.Values.tolerations $gpu }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "brandpulse.volumes" -}}
- {name: tmp, emptyDir: {sizeLimit: 256Mi}}
{{- range include "brandpulse.secrets" . | fromJsonArray }}
- name: {{ .at }}
  secret:
    secretName: {{ .secret }}
    items:
      {{- range $file, $key := .files }}
      - {key: {{ $key }}, path: {{ $file }}}
      {{- end }}
{{- end }}
{{- end }}

{{- /* A role that runs for ever: template of a Deployment or a StatefulSet. */}}
{{- define "brandpulse.workerTemplate" -}}
{{- $values := .root.Values }}
{{- $resources := (index $values .role).resources }}
{{- if and (eq .role "score") $values.score.gpu.enabled }}
{{- $gpu := dict $values.score.gpu.resource $values.score.gpu.count }}
{{- $resources = dict "requests" $resources.requests "limits" (merge (dict) $gpu $resources.limits) }}
{{- end -}}
metadata:
  labels: {{- include "brandpulse.labels" . | nindent 4 }}
spec:
  {{- include "brandpulse.podSpec" . | nindent 2 }}
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
  {{- with $values.spread }}
  topologySpreadConstraints:
    {{- range . }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "brandpulse.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ .role }}
      args: [{{ .role }}]
      {{- include "brandpulse.container" . | nindent 6 }}
      ports: [{name: http, containerPort: 8080}]
      resources: {{- toYaml $resources | nindent 8 }}
      # Alive is a matter of the process alone: a broker that is away makes it unready, never restarted.
      startupProbe:
        httpGet: {path: /healthz, port: http}
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: /healthz, port: http}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet: {path: /readyz, port: http}
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
  volumes:
    {{- include "brandpulse.volumes" . | nindent 4 }}
    {{- if ne .role "brands" }}
    - {name: data, emptyDir: {sizeLimit: 1Gi}}
    {{- end }}
    {{- if and (eq .role "score") $values.score.bundleClaim }}
    - name: bundle
      persistentVolumeClaim: {claimName: {{ $values.score.bundleClaim }}, readOnly: true}
    {{- end }}
{{- end }}
